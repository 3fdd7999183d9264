"""codesign: deliberation and the co-design of public services.

A plugin imports its names from `codesign.kit` and the domain from `codesign.core`.
"""

__version__ = "0.1.0"
