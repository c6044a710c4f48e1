"""What asv loads for this project: the environment type `emch`, and the dashboard.

It is a face alone: its name stands in asv.conf.json, here and in other repos.
"""

from emch.site.publisher import Dashboard
from emch.tracking.environment import StackEnvironment

__all__ = ["Dashboard", "StackEnvironment"]
