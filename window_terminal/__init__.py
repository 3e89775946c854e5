"""The window staff's terminal; one MQTT client."""
