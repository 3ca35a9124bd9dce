import pytest

from evalscope.constants import HubType
from evalscope.sources.hubs.failures import HubError
from evalscope.sources.hubs.listing import HubFile, Listing
from evalscope.sources.hubs.repository import Address, open_repository


@pytest.mark.parametrize("path", ["../../.bashrc", "/etc/passwd", "data/../../x"])
def test_a_hub_that_lists_a_file_outside_its_folder_is_not_believed(monkeypatch, path):
    listing = Listing(files={path: HubFile(path=path, size_bytes=1)}, revision="r")
    monkeypatch.setattr(Address, "ask", lambda self, question: listing)
    with pytest.raises(HubError, match="leads out of its folder"):
        open_repository(Address(hub=HubType.MODELSCOPE, kind="dataset", id="some/data"))
