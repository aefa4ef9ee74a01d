"""服务清单: services that may be bought through a station, by region (R94, R95, R138-R150).

``data`` holds the lists in the words of the documents; a test holds every item against their text. A version
is the year of the list; an adjusted list is another version, and the former one stays (R95). Regions divide
services each in its own way, and Guangxi in two: nine fields in the text, seven domains in the annex (A20).
What holds them together is ``ServiceField``, the hub's own reading of each item: no document gives one.
"""

from hub.domain.catalogues.model import Catalogue, Item
from hub.domain.catalogues.read import CATALOGUES, counterparts

__all__ = ["CATALOGUES", "Catalogue", "Item", "counterparts"]
