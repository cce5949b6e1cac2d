// The yardstick of start-up: what a C++ program that does nothing costs.
#include <iostream>

int main() { return std::cout.good() ? 0 : 1; }
