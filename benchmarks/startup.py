"""What a process pays before its first answer, and what it holds then."""

from emch.suite import Recorded, Task, sampled, tracked
from emch.suite import Startup as FirstCall

from .names import BACKENDS


class Startup(Recorded):
    """A fresh process that imports, loads and encodes one sentence of 16 tokens."""

    params = (BACKENDS,)
    param_names = ("backend",)

    def cell(self, backend: str) -> tuple[Task, str, None]:
        return FirstCall(dataset="sentences-16", batch_size=1), backend, None

    track_import = sampled("import_s")
    track_load = sampled("load_s")
    track_first_call = sampled("first_call_s")
    track_memory_after_load = tracked("rss_after_load_bytes")
    track_artifact_size = tracked("artifact_bytes")
