"""What Pulumi runs for `--policy-pack stacks/policies`: offers the policies on a local port, until it is ended."""

from pulumi_policy import PolicyPack

from stacks.policies.pack import NAME, policies

PolicyPack(name=NAME, policies=policies())
