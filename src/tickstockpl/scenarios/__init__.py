"""The specification's four test scenarios: scripted markets through the real service, with an outcome known before."""
