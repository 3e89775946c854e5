"""The hall's voice: sentences of recorded clips, when each is spoken, how loud, and the players behind a port."""
