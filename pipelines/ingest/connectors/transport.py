"""One HTTP session for every connector: time limits, retries with back-off, and nothing else.

What is asked and how an answer is read is each connector's business.
"""

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from pipelines.contracts import SourceContract

TIMEOUT = (10, 60)  # seconds to connect, and between two pieces of a body


def open_session(contract: SourceContract) -> requests.Session:
    """A session for the servers of `contract`."""
    del contract
    retry = Retry(
        total=4,
        backoff_factor=0.5,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=("GET",),
        respect_retry_after_header=True,
    )
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session
