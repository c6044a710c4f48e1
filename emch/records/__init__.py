"""The record: raw samples of one measurement with everything needed to repeat it, as JSON."""

from emch.records.record import Record
from emch.records.row import Row
from emch.records.schemas import SCHEMA_VERSION

__all__ = ["SCHEMA_VERSION", "Record", "Row"]
