"""How hypothesis runs; not in tests/, since the contract is held in stacks without it too."""

from hypothesis import settings

settings.register_profile("emch", deadline=None)  # a slow machine is no failure
settings.load_profile("emch")
