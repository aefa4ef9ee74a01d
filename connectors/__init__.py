"""One folder per upstream system. ``CONNECTORS`` lists them by the name a source is registered with."""

from collections.abc import Mapping
from typing import Final

from connectors.child_welfare import ChildWelfare
from connectors.contracts import EXPORTS as CONTRACT_EXPORTS
from connectors.contracts import Notices
from connectors.deaths import Deaths
from connectors.disability_subsidies import DISABILITY_SUBSIDIES
from connectors.elderly_care import ELDERLY_CARE, ElderlyCareGateway
from connectors.low_income import LowIncome
from connectors.marriages import Marriages
from connectors.organisations import ORGANISATIONS
from connectors.organisations import Inquiry as OrganisationInquiry
from connectors.pushed import Warnings
from connectors.relief import RELIEF_FILES, ReliefSystem
from connectors.roster import Roster
from connectors.social_assistance import AssistanceService, ExchangeDatabase
from hub.sync.connector import Connector

CONNECTORS: Final[Mapping[str, Connector]] = {
    connector.name: connector
    for connector in (
        Roster(),
        ExchangeDatabase(),
        AssistanceService(),
        LowIncome(),
        Deaths(),
        Marriages(),
        ORGANISATIONS,
        OrganisationInquiry(),
        Notices(),
        CONTRACT_EXPORTS,
        DISABILITY_SUBSIDIES,
        ELDERLY_CARE,
        ElderlyCareGateway(),
        ChildWelfare(),
        Warnings(),
        ReliefSystem(),
        RELIEF_FILES,
    )
}
