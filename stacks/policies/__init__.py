"""What no stack may be deployed with: rules over what a program declares, and the Pulumi policy pack made of them."""
