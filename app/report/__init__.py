"""The paper redone as one page: every figure, both tables, what was chosen, and what all was made with."""

from app.report.make import PAGE, write
from app.report.order import Order

__all__ = ["PAGE", "Order", "write"]
