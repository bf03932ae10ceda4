#!/bin/sh
exec hive agreement spec-client
