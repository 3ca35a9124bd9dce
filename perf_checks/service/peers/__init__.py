"""Other frameworks as black boxes: installed as their users would, started by their own commands."""
