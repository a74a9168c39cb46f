"""The only room that knows everybody: it makes a plan and a runner of an order, on AWS or a simulated cloud."""
