"""The outside world behind the ports: MQTT, broker, clock, PINs, configuration files, metrics."""
