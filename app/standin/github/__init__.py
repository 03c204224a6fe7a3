"""A GitHub of our own on loopback: real bare git repositories behind GitHub's REST, GraphQL and smart HTTP.

It keeps GitHub's rules (who may write what, limits, error texts), because an app that only meets a lenient server
learns the rules in production. What no witness confirms is listed in the project's documentation.
"""
