"""`python -m evalscope.sandboxes.inside`: the keeper, as it is started in a sandbox."""

from evalscope.sandboxes.inside.keeper import serve

serve()
