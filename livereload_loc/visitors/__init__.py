"""The live online counter: how many pages of each site are open right now."""
