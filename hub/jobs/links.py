"""Addresses of files that need no token, for programs that only download: of one file, for some minutes.

The signature is of job, format, client and end. Whoever has such an address has the file; so it is given to
nobody but the client, in an answer, and an answer that ends is the end of it.
"""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from hub.errors import Unauthenticated
from hub.jobs.making import target_of
from hub.store.vault import Vault

SECONDS: Final = 15 * 60
UNTIL, SIGNATURE = "until", "signature"


class BadLink(Unauthenticated):
    """The address is not one the hub gave, or it is over; get another from the job."""

    code, zh = "LINK_REFUSED", "下载链接无效或已过期，请重新获取"


@dataclass(frozen=True, slots=True)
class Links:
    vault: Vault
    base: str
    """The hub's own address."""

    def of(self, job: dict[str, Any], format_: str) -> str:
        until = int(time.time()) + SECONDS
        signed = self._signed(job, format_, until)
        return f"{self.base}{target_of(job['id'], format_)}?{UNTIL}={until}&{SIGNATURE}={signed}"

    def check(self, job: dict[str, Any] | None, format_: str, until: str, signature: str) -> dict[str, Any]:
        """The job; BadLink, of one that there is not too."""
        ends = int(until) if until.isdecimal() and len(until) < 12 else 0
        right = job is not None and hmac.compare_digest(self._signed(job, format_, ends), signature)
        if job is None or not right or ends <= time.time():
            raise BadLink
        return job

    def _signed(self, job: dict[str, Any], format_: str, until: int) -> str:
        text = f"{job['id']}\n{format_}\n{job['client_id']}\n{until}"
        digest = hmac.new(self.vault.derive("job download"), text.encode(), sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
