// What of the Griffin-Lim algorithm a CUDA device computes beside the FFT and overlap-add, in one launch each.
//
// Compiled for the types of one setting, which are given as macros: VALUE is the type of the spectrogram, REAL that of the
// computation, MAGNITUDE the function of the mode. A complex number is two of REAL, real part first. Items of a batch,
// channels and frames are counted together as `index`, in this order; strides are in elements.

#ifdef HALF
#include <cuda_fp16.h>
#endif

typedef long long integer;
typedef unsigned long long uint64;
typedef unsigned __int128 uint128;

#define RUN 8  // numbers that a thread draws one after another

// Magnitudes from the values of a mode, 0 where they are at the floor; `weight` is that of the bin in a one-sided power.
__device__ REAL from_magnitude(REAL value, REAL floor, REAL) { return value <= floor ? 0 : value; }
__device__ REAL from_log(REAL value, REAL floor, REAL) { return value <= floor ? 0 : exp(value); }
__device__ REAL from_psd(REAL value, REAL floor, REAL weight) { return value <= floor ? 0 : sqrt(value / weight); }

// Set the marks of frames with a value that is not finite to NaN.
extern "C" __global__ void mark_frames(
    REAL* marks, const VALUE* values, integer n_rows, integer n_bins, integer n_channels, integer n_frames,
    integer batch_stride, integer channel_stride, integer frame_stride, integer bin_stride) {
    const integer index = (integer)blockIdx.x * blockDim.y + threadIdx.y;
    if (index >= n_rows) return;
    const integer signal = index / n_frames;
    const VALUE* frame = values + signal / n_channels * batch_stride + signal % n_channels * channel_stride +
                         index % n_frames * frame_stride;
    for (integer k = threadIdx.x; k < n_bins; k += blockDim.x)
        // Every thread that writes here writes the same.
        if (!isfinite((REAL)frame[k * bin_stride])) marks[index] = (REAL)nan("");
}

// Write the magnitudes of frames `first` to `last - 1`, and zeros for marked frames and for rows after the last one.
extern "C" __global__ void read_magnitudes(
    REAL* magnitudes, const REAL* marks, const VALUE* values, REAL floor, integer n_rows, integer n_bins, integer n_fft,
    integer first, integer last, integer n_channels, integer n_frames, integer batch_stride, integer channel_stride,
    integer frame_stride, integer bin_stride) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y, index = first + row;
    if (row >= n_rows) return;
    const integer signal = index / n_frames;
    const VALUE* frame = values + signal / n_channels * batch_stride + signal % n_channels * channel_stride +
                         index % n_frames * frame_stride;
    const bool is_read = index < last && isfinite(marks[index]);
    for (integer k = threadIdx.x; k < n_bins; k += blockDim.x) {
        const REAL weight = k == 0 || 2 * k == n_fft ? 1 : 2;
        magnitudes[row * n_bins + k] = is_read ? MAGNITUDE((REAL)frame[k * bin_stride], floor, weight) : 0;
    }
}

// Give spectra these magnitudes, times `scale`, in place. `least` prevents a division by 0.
extern "C" __global__ void set_magnitudes(
    REAL* spectra, const REAL* magnitudes, REAL scale, REAL least, integer n_rows, integer n_bins) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= n_rows) return;
    for (integer k = threadIdx.x; k < n_bins; k += blockDim.x) {
        const integer i = row * n_bins + k;
        const REAL factor = scale * (magnitudes[i] / (hypot(spectra[2 * i], spectra[2 * i + 1]) + least));
        spectra[2 * i] *= factor;
        spectra[2 * i + 1] *= factor;
    }
}

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

// Write magnitudes, times `scale`, with random phases 2 pi u: u uniform in [0, 1), of 24 bits, the numbers that
// Generator.random(dtype=float32) of NumPy's PCG64 draws for all frames of the whole. Each draw of 64 bits gives two.
//
// The frames are a part of the whole: from frame `first_frame` on, of `n_all_frames`, of the channels from `first_signal` on.
extern "C" __global__ void draw_phases(
    REAL* spectra, const REAL* magnitudes, REAL scale, integer n_rows, integer n_bins, integer first, integer n_frames,
    integer first_signal, integer n_all_frames, integer first_frame, uint64 state_high, uint64 state_low,
    uint64 increment_high, uint64 increment_low) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y, index = first + row;
    if (row >= n_rows) return;
    const uint128 factor = join(2549297995355413924ull, 4865540595714422341ull);
    const uint128 increment = join(increment_high, increment_low);
    const integer frame = (first_signal + index / n_frames) * n_all_frames + first_frame + index % n_frames;
    for (integer begin = threadIdx.x * RUN; begin < n_bins; begin += blockDim.x * RUN) {
        uint64 number = (uint64)frame * n_bins + begin, bits = 0;
        uint128 state = advance(join(state_high, state_low), factor, increment, number / 2);
        for (integer k = begin; k < n_bins && k < begin + RUN; ++k, ++number) {
            if (k == begin || number % 2 == 0) {
                state = state * factor + increment;
                // The output function XSL-RR: both halves by exclusive or, rotated by the highest six bits.
                const uint64 mixed = (uint64)(state >> 64) ^ (uint64)state;
                const int turn = (int)(state >> 122);
                bits = mixed >> turn | mixed << (-turn & 63);
            }
            const float u = (float)(unsigned int)(bits >> 32 * (number % 2) << 32 >> 40) / 16777216.0f;
            const float phase = 6.283185307179586f * u;
            const integer i = row * n_bins + k;
            spectra[2 * i] = scale * magnitudes[i] * (REAL)cosf(phase);
            spectra[2 * i + 1] = scale * magnitudes[i] * (REAL)sinf(phase);
        }
    }
}
