"""The option every verb has, and the configuration it names, by the names the verbs of the daemon use."""

from monitor.cli.common import config_option
from monitor.cli.common import configuration as load_or_exit

__all__ = ["config_option", "load_or_exit"]
