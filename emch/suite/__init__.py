"""What a benchmark class imports, of this repo or of anybody's: a facade that is frozen.

asv runs today's benchmarks on yesterday's package, so a name that is here stays, with its
parameters; a change is an addition. A test has the list.
"""

from emch.suite.cells import (
    hits,
    probe_embeddings,
    warm_batches,
    warm_encoding,
    warm_search,
)
from emch.suite.explained import explanation
from emch.suite.peak import peak_rates
from emch.suite.pipelines import Pipelined
from emch.suite.recorded import Recorded, in_unit_of, sampled, tracked
from emch.suite.skips import skipped_if_unavailable
from emch.tasks.base import Task
from emch.tasks.model_parts import ModelParts
from emch.tasks.semantic_search import SemanticSearch
from emch.tasks.sentence_encoding import SentenceEncoding
from emch.tasks.startup import Startup
from emch.tasks.text_encoding import TextEncoding
from emch.tasks.under_load import UnderLoad

__all__ = [
    "ModelParts",
    "Pipelined",
    "Recorded",
    "SemanticSearch",
    "SentenceEncoding",
    "Startup",
    "Task",
    "TextEncoding",
    "UnderLoad",
    "explanation",
    "hits",
    "in_unit_of",
    "peak_rates",
    "probe_embeddings",
    "sampled",
    "skipped_if_unavailable",
    "tracked",
    "warm_batches",
    "warm_encoding",
    "warm_search",
]
