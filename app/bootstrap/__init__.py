"""The composition root: settings become adapters, adapters become services. Alone imports adapters and capabilities.

One module a need, so that an offline command does not pay for the service's imports.
"""
