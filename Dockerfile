# The dashboard in a container; docs/serving.md says how it is built and run. It needs no BuildKit.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# Where PyTorch comes from. This is its build without CUDA; https://pypi.org/simple has the one for NVIDIA's cards.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv --without-pip /opt/batchscape
COPY pyproject.toml constraints.txt ./
# PyTorch alone from its own index, all else from PyPI; what only compilers and tests need is left out
RUN pip --python /opt/batchscape/bin/python install --no-deps --index-url "${TORCH_INDEX}" -c constraints.txt torch \
 && python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
    print(*p['dependencies'], *p['optional-dependencies']['workers'], *p['optional-dependencies']['tables'], sep='\n')" > needed.txt \
 && pip --python /opt/batchscape/bin/python install -c constraints.txt -r needed.txt \
 && cd /opt/batchscape/lib/python3*/site-packages \
 && rm -rf torch/include torch/test torch/bin/protoc* torch/bin/*test* \
 && find . -depth -type d -name tests -exec rm -rf {} +
RUN pip install -c constraints.txt hatchling
COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
 && pip --python /opt/batchscape/bin/python install --no-deps /wheel/*.whl
# Every preset, and matplotlib's list of fonts: the first visitor waits for nothing
ENV BATCHSCAPE_CACHE_DIR=/var/lib/batchscape MPLCONFIGDIR=/var/lib/batchscape/matplotlib OMP_NUM_THREADS=1
RUN /opt/batchscape/bin/batchscape warm && /opt/batchscape/bin/python -c "import matplotlib.font_manager"
# What the page cites (PEP 610: installed from this commit)
ARG COMMIT=
RUN test -z "${COMMIT}" || printf '{"url": "file:///src", "vcs_info": {"vcs": "git", "commit_id": "%s"}}' "${COMMIT}" \
    > "$(echo /opt/batchscape/lib/python3*/site-packages/batchscape-*.dist-info)/direct_url.json"

FROM ${BASE}
RUN useradd --uid 10001 --home-dir /var/lib/batchscape --no-create-home --shell /usr/sbin/nologin batchscape \
 && install -d -m 0700 -o batchscape -g batchscape /var/lib/batchscape
# All that is ever written lies in the one volume; Python's own .pyc files are in the image
ENV PATH=/opt/batchscape/bin:${PATH} \
    HOME=/var/lib/batchscape \
    MPLCONFIGDIR=/var/lib/batchscape/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    MALLOC_ARENA_MAX=2 \
    BATCHSCAPE_HOST=0.0.0.0 \
    BATCHSCAPE_PORT=8050 \
    BATCHSCAPE_CACHE_DIR=/var/lib/batchscape
USER 10001:10001
WORKDIR /var/lib/batchscape
EXPOSE 8050
HEALTHCHECK --start-period=60s --timeout=5s CMD ["python", "-c", "import os; from urllib.request import *; build_opener(ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"BATCHSCAPE_PORT\"]}/healthz', timeout=4)"]
CMD ["batchscape", "serve"]
ARG COMMIT=
LABEL org.opencontainers.image.title="Batchscape" \
      org.opencontainers.image.description="Loss landscapes as mini-batches see them" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=build /opt/batchscape /opt/batchscape
# By name: what else the build left there, a secret say, must not be the same for all who run the image
COPY --from=build --chown=10001:10001 /var/lib/batchscape/results /var/lib/batchscape/results
COPY --from=build --chown=10001:10001 /var/lib/batchscape/matplotlib /var/lib/batchscape/matplotlib
# Last: a new volume begins with what was copied
VOLUME /var/lib/batchscape
