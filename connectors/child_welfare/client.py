"""Reads the list of children from a province's gateway."""

from __future__ import annotations

from connectors.child_welfare.fields import CHILD_RECORD, CHILDREN, row
from connectors.gateway_lists import GatewayLists, Service


class ChildWelfare(GatewayLists):
    """Location: ``https://host/gateway/api/…/SERVICE.htm``."""

    name = "child-welfare"
    services = (Service(CHILD_RECORD, CHILDREN, "CHILD", ("CHILD_NO", "CHILD_TYPE"), row),)
