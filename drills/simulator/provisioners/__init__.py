"""How each declared resource is built in the simulated cloud: the AWS calls that Pulumi's provider would make."""
