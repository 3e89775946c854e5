"""The wire: topics, messages, codec, refusal codes and one MQTT session for every program."""
