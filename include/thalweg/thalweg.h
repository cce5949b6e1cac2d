#pragma once
// Everything a program that uses thalweg needs.

#include "thalweg/codec.h"
#include "thalweg/context.h"
#include "thalweg/error.h"
#include "thalweg/json.h"
#include "thalweg/pipe.h"
#include "thalweg/pipeline.h"
#include "thalweg/report.h"
#include "thalweg/runtime.h"
#include "thalweg/value.h"
