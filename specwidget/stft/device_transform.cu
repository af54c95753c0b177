// What of the transform and its gradient a CUDA device computes beside the FFT or the matrix product, in one launch each:
// from the samples to windowed frames, from the spectrum to the result, and from the gradient with respect to the result
// to that with respect to the spectrum.
//
// Compiled for the types of one setting, which are given as macros: SAMPLE is the type of the input, RESULT that of the
// output, to which samples are rounded first, REAL that of the computation (float for RESULT __half), MODE the function
// of the mode. Items of a batch, channels and frames are counted together as `index`, in this order; strides and
// positions are in elements.

#ifdef HALF
#include <cuda_fp16.h>
#endif

typedef long long integer;

#define JOIN_NAMES(a, b) a##b
#define JOIN(a, b) JOIN_NAMES(a, b)

struct Bin {
    REAL real, imag;  // the spectrum at this bin
    REAL floor;       // lowest magnitude
    REAL weight;      // 1 for bin 0 and the Nyquist bin, which have no negative frequency, else 2
};

// A comparison and not fmax, which would replace NaN by the floor.
__device__ REAL magnitude(Bin bin) {
    const REAL value = hypot(bin.real, bin.imag);
    return value < bin.floor ? bin.floor : value;
}
__device__ REAL log_magnitude(Bin bin) { return log(magnitude(bin)); }
__device__ REAL psd(Bin bin) { return (bin.real * bin.real + bin.imag * bin.imag) * bin.weight; }
__device__ REAL real_part(Bin bin) { return bin.real; }
__device__ REAL imag_part(Bin bin) { return bin.imag; }
// Adding 0 turns -0 into 0: with a negative real part, atan2 would give -pi for the one and pi for the other.
__device__ REAL angle(Bin bin) { return atan2(bin.imag + (REAL)0, bin.real + (REAL)0); }

// Gradients with respect to both parts, for each function of a mode: `d` is that with respect to its value. Divided by the
// magnitude twice, as its square could overflow or underflow.
struct Gradient {
    REAL real, imag;
};
__device__ Gradient d_magnitude(Bin bin, REAL d) {
    const REAL value = hypot(bin.real, bin.imag);
    if (value <= bin.floor) return {0, 0};
    return {bin.real / value * d, bin.imag / value * d};
}
__device__ Gradient d_log_magnitude(Bin bin, REAL d) {
    const REAL value = hypot(bin.real, bin.imag);
    if (value <= bin.floor) return {0, 0};
    return {bin.real / value * d / value, bin.imag / value * d / value};
}
__device__ Gradient d_psd(Bin bin, REAL d) {
    const REAL factor = d * (2 * bin.weight);
    return {bin.real * factor, bin.imag * factor};
}
__device__ Gradient d_real_part(Bin, REAL d) { return {d, 0}; }
__device__ Gradient d_imag_part(Bin, REAL d) { return {0, d}; }
__device__ Gradient d_angle(Bin bin, REAL d) {
    if (bin.real * bin.real + bin.imag * bin.imag == 0) return {0, 0};
    const REAL value = hypot(bin.real, bin.imag);
    return {-(bin.imag / value * d / value), bin.real / value * d / value};
}

// Write frames `first` to `last - 1`, windowed and followed by zeros up to `width`; the window may be missing (null).
// Frames after the last one are zeros. Frame t of a channel starts at its sample `t * step - left`.
extern "C" __global__ void read_frames(
    REAL* frames, const SAMPLE* samples, const REAL* window, integer n_rows, integer width, integer first, integer last,
    integer n_channels, integer n_frames, integer n_samples, integer frame_length, integer step, integer left,
    integer batch_stride, integer channel_stride, integer sample_stride) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= n_rows) return;
    const integer index = first + row, signal = index / n_frames;
    const integer start = index % n_frames * step - left;
    const SAMPLE* channel = samples + signal / n_channels * batch_stride + signal % n_channels * channel_stride;
    for (integer n = threadIdx.x; n < width; n += blockDim.x) {
        REAL value = 0;
        if (index < last && n < frame_length && start + n >= 0 && start + n < n_samples) {
            value = (REAL)(RESULT)channel[(start + n) * sample_stride];
            if (window) value *= window[n];
        }
        frames[row * width + n] = value;
    }
}

// Write the values of frames `first` to `last - 1`, NaN in frames that have a NaN or infinite sample: there bin 0, the
// sum, is not finite. One of both parts may be missing (null); `part_stride` is from one bin to the next.
extern "C" __global__ void write_values(
    RESULT* values, integer n_rows, const REAL* real, const REAL* imag, integer part_stride, integer n_bins,
    integer n_fft, REAL floor, integer first, integer last, integer n_channels, integer n_frames, integer batch_stride, integer channel_stride,
    integer frame_stride, integer bin_stride) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y, index = first + row;
    if (row >= n_rows || index >= last) return;
    const integer signal = index / n_frames, begin = row * n_bins * part_stride;
    const bool is_finite = isfinite((real ? real : imag)[begin]);
    RESULT* target = values + signal / n_channels * batch_stride + signal % n_channels * channel_stride +
                     index % n_frames * frame_stride;
    for (integer k = threadIdx.x; k < n_bins; k += blockDim.x) {
        Bin bin;
        bin.real = is_finite ? (real ? real[begin + k * part_stride] : 0) : (REAL)nan("");
        bin.imag = is_finite ? (imag ? imag[begin + k * part_stride] : 0) : (REAL)nan("");
        bin.floor = floor;
        bin.weight = k == 0 || 2 * k == n_fft ? 1 : 2;
#ifdef BOTH_PARTS
        target[k * bin_stride] = (RESULT)bin.real;
        target[(n_bins + k) * bin_stride] = (RESULT)bin.imag;
#else
        target[k * bin_stride] = (RESULT)MODE(bin);
#endif
    }
}

// Write the gradients with respect to the spectrum of frames `first` to `last - 1`, and zeros for rows after them: of the
// parts that the mode uses (bits of `used`: 1 real, 2 imaginary) side by side, as rows of `d_parts`; and as the complex
// `d_spectrum` whose inverse FFT without scaling is the gradient with respect to the windowed frames. Either may be null.
// The rest as for `write_values`.
extern "C" __global__ void write_gradients(
    REAL* d_parts, REAL* d_spectrum, const REAL* cotangent, integer used, integer n_rows, const REAL* real,
    const REAL* imag, integer part_stride, integer n_bins, integer n_fft, REAL floor, integer first, integer last,
    integer n_channels, integer n_frames, integer batch_stride, integer channel_stride, integer frame_stride,
    integer bin_stride) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y, index = first + row;
    if (row >= n_rows) return;
    const integer signal = index / n_frames, begin = row * n_bins * part_stride;
    const bool is_finite = isfinite((real ? real : imag)[begin]);
    const REAL* given = cotangent + signal / n_channels * batch_stride + signal % n_channels * channel_stride +
                        index % n_frames * frame_stride;
    const integer uses_real = used & 1, uses_imag = used >> 1, d_begin = row * n_bins * (uses_real + uses_imag);
    for (integer k = threadIdx.x; k < n_bins; k += blockDim.x) {
        const bool is_single = k == 0 || 2 * k == n_fft;
        Gradient d = {0, 0};
        if (index < last && !is_finite) d = {(REAL)nan(""), (REAL)nan("")};
        if (index < last && is_finite) {
#ifdef BOTH_PARTS
            d = {given[k * bin_stride], given[(n_bins + k) * bin_stride]};
#else
            Bin bin;
            bin.real = real ? real[begin + k * part_stride] : 0;
            bin.imag = imag ? imag[begin + k * part_stride] : 0;
            bin.floor = floor;
            bin.weight = is_single ? 1 : 2;
            d = JOIN(d_, MODE)(bin, given[k * bin_stride]);
#endif
        }
        if (d_parts && uses_real) d_parts[d_begin + k] = d.real;
        if (d_parts && uses_imag) d_parts[d_begin + uses_real * n_bins + k] = d.imag;
        if (d_spectrum) {
            // The inverse FFT counts every bin but these twice. Of NaN in imaginary parts alone, its first sample has none.
            const REAL share = is_single ? 1 : (REAL)0.5;
            d_spectrum[2 * (row * n_bins + k)] = uses_real || !is_finite ? share * d.real : 0;
            d_spectrum[2 * (row * n_bins + k) + 1] = uses_imag || !is_finite ? share * d.imag : 0;
        }
    }
}
