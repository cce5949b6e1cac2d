#pragma once
// How a C++ type becomes a Value and comes back: what crosses between typed functions and the engine.

#include "thalweg/codec/base.h"
#include "thalweg/codec/containers.h"
#include "thalweg/codec/scalars.h"
#include "thalweg/codec/structs.h"
