"""A cluster of Apache Flink on this machine, which one command starts and another one stops.

Flink itself and Beam's job server for it are jars from Maven Central; both run by `java` alone.
"""
