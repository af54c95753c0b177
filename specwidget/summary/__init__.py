"""What the explorer says of a computation: pure functions from numbers to text."""
