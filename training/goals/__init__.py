"""How well lists lead to a role: followed for some hours, over the weight of the goal, and skill kind by skill kind."""
