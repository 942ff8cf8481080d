"""Report: the whole paper computed again, as one page with its data."""

from app.export.report.make import PAGE, write
from app.export.report.order import Order

__all__ = ["PAGE", "Order", "write"]
