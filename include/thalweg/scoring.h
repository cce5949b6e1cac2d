#pragma once
// Scoring: is a text worth keeping, and why. docs/scoring.md, "From C++". Pipelines that score among other things also need
// thalweg/pipe.h.

#include "thalweg/scoring/codecs.h"
#include "thalweg/scoring/config.h"
#include "thalweg/scoring/dataset.h"
#include "thalweg/scoring/metrics.h"
#include "thalweg/scoring/pipeline_result.h"
#include "thalweg/scoring/run.h"
#include "thalweg/scoring/sample.h"
#include "thalweg/scoring/score_layer.h"
#include "thalweg/scoring/score_result.h"
#include "thalweg/scoring/text_context.h"
