"""Every setting, read once from the environment into one frozen value."""

from dcx.settings.environment import MOST_PROVIDERS, ROOT, Settings, SettingsError
from dcx.settings.gateway import Gateway
from dcx.settings.single_sign_on import SingleSignOn

__all__ = ["MOST_PROVIDERS", "ROOT", "Gateway", "Settings", "SettingsError", "SingleSignOn"]
