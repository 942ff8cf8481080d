#!/bin/sh
# Make sure that the browser tests have a Chromium: one that is there, Playwright's own, or the system's package.
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  found=$(command -v "$name" || true)
  # a snap stub answers to its name but does not start
  if [ -n "$found" ] && "$found" --version >/dev/null 2>&1; then exit 0; fi
done
own='import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.path.exists(playwright.chromium.executable_path))'
if python -c "$own" 2>/dev/null; then exit 0; fi
echo "Installing a browser for the tests"
if python -m playwright install --with-deps chromium; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && apt-get install -y -qq chromium && exit 0
fi
echo "No browser could be installed. Install Chromium, or set BATCHSCAPE_CHROMIUM to one." >&2
# the tests say so again: they fail where CI=true and are skipped elsewhere
exit 0
