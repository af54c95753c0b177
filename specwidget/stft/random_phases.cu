// Random initial phases of the Griffin-Lim algorithm, the same as those that NumPy's generator PCG64 gives on the host.
//
// REAL is the type of the magnitudes, given as a macro. A complex number is two of them, real part first.

typedef unsigned long long uint64;
typedef unsigned __int128 uint128;

#define DRAWS 64  // draws of 64 bits in a thread; each gives two numbers

__device__ uint128 join(uint64 high, uint64 low) { return (uint128)high << 64 | low; }

// Advance the linear congruential generator by n steps in the time of log n (F. Brown, "Random number generation with
// arbitrary strides", Transactions of the American Nuclear Society 71, 1994).
__device__ uint128 advance(uint128 state, uint128 factor, uint128 increment, uint64 n) {
    uint128 whole_factor = 1, whole_increment = 0;
    for (; n > 0; n >>= 1) {
        if (n & 1) {
            whole_factor *= factor;
            whole_increment = whole_increment * factor + increment;
        }
        increment *= factor + 1;
        factor *= factor;
    }
    return state * whole_factor + whole_increment;
}

// Write magnitudes times exp(2 pi i u) with u uniform in [0, 1), of 24 bits as in Generator.random(dtype=float32).
extern "C" __global__ void write_random_phases(
    REAL* spectrum, const REAL* magnitudes, uint64 size, uint64 state_high, uint64 state_low, uint64 increment_high,
    uint64 increment_low) {
    const uint128 factor = join(2549297995355413924ull, 4865540595714422341ull);
    const uint128 increment = join(increment_high, increment_low);
    const uint64 first = ((uint64)blockIdx.x * blockDim.x + threadIdx.x) * DRAWS;
    uint128 state = advance(join(state_high, state_low), factor, increment, first);
    for (uint64 draw = first; draw < first + DRAWS && 2 * draw < size; ++draw) {
        state = state * factor + increment;
        // The output function XSL-RR: both halves by exclusive or, rotated by the highest six bits.
        const uint64 mixed = (uint64)(state >> 64) ^ (uint64)state;
        const int turn = (int)(state >> 122);
        const uint64 bits = mixed >> turn | mixed << (-turn & 63);
        for (int half = 0; half < 2; ++half) {
            const uint64 i = 2 * draw + half;
            if (i >= size) return;
            const float u = (float)(unsigned int)(bits >> 32 * half << 32 >> 40) / 16777216.0f;
            const float phase = 6.283185307179586f * u;
            spectrum[2 * i] = magnitudes[i] * (REAL)cosf(phase);
            spectrum[2 * i + 1] = magnitudes[i] * (REAL)sinf(phase);
        }
    }
}
