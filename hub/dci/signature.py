"""The signature of a message: a detached JWS (RFC 7515, appendix F) over its header and message, in the one
form of RFC 8785.

The standard shows a signature and does not say over which bytes; this form is what receivers can make of any
message they have parsed, and any JOSE library checks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError

from hub.dci.messages import BadMessage
from hub.oauth.clients import Client
from hub.oauth.jose import CLIENTS, OURS, SigningKeys, key_for

TYPE: Final = "spdci-message"
UNSIGNED: Final = "unsigned"
"""How the text begins that senders put there who sign nothing."""


def signed(envelope: Mapping[str, Any], keys: SigningKeys) -> dict[str, Any]:
    """The envelope with the hub's signature."""
    key = keys.active.keys[0]
    header = {"alg": "ES256", "typ": TYPE, "kid": str(key.kid)}
    whole = jws.serialize_compact(header, content_of(envelope), key, registry=OURS)
    return {"signature": jws.detach_content(whole), **envelope}


def is_unsigned(body: Mapping[str, Any]) -> bool:
    signature = body.get("signature")
    return not signature or (isinstance(signature, str) and signature.startswith(UNSIGNED))


def check(body: Mapping[str, Any], client: Client, *, needed: bool) -> None:
    """BadMessage for a signature that is by none of the client's keys, or for none where one is needed."""
    if is_unsigned(body):
        if needed:
            raise BadMessage(
                "Expected a signed message: a detached JWS over header and message.",
                word="err.signature.missing",
                zh="报文须签名",
            )
        return
    try:
        text = str(body["signature"])
        first, middle, last = text.split(".")
        found = jws.extract_compact(text.encode())
        header = found.headers()
        key = key_for(client.jwks, header) if header.get("typ") == TYPE else None
        if middle or key is None:
            raise ValueError("not detached, or no key")
        jws.deserialize_compact(f"{first}..{last}", key, registry=CLIENTS, payload=content_of(body))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadMessage(
            "The signature is not one of the sender's registered keys over header and message.",
            word="err.signature.invalid",
            zh="报文签名无效",
        ) from None


def content_of(envelope: Mapping[str, Any]) -> bytes:
    return rfc8785.dumps({"header": envelope["header"], "message": envelope["message"]})
