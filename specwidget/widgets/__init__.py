"""What a view is made of: the texts that go to the page, the classes of panels, and JavaScript that views share."""
