"""The arrival gate: is what was newly landed fit to replace what is landed now?

It compares the new set of files with the current one and with the history of counts in the ledger;
the contract says for each kind of finding whether it blocks, warns or is accepted. It reads the
data of a new file and of the one partition it is compared with, never that of the history. `model`
has the shapes, `sets` compares which files there are, `counts` their numbers, `content` the values
of declared columns, `record` keeps findings, `gate` decides. How a header differs is told by the
readers; whether a published dataset is fit to publish is `publish.gate`.
"""

from pipelines.ingest.arrival.gate import judge
from pipelines.ingest.arrival.model import ArrivalError, Arrived, Finding
from pipelines.ingest.arrival.record import stale_acknowledgements, standing

__all__ = [
    "ArrivalError",
    "Arrived",
    "Finding",
    "judge",
    "stale_acknowledgements",
    "standing",
]
