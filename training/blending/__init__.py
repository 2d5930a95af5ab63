"""How the blend is learned: windows, the questions asked in them, weights, and whether they are worth shipping."""
