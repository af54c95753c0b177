// What of the transform a CUDA device computes beside the FFT or the matrix product, in one launch each: from the samples
// to windowed frames, and from the spectrum to the result.
//
// Compiled for the types of one setting, which are given as macros: SAMPLE is the type of the input, RESULT that of the
// output, to which samples are rounded first, REAL that of the computation (float for RESULT __half), MODE the function
// of the mode. Items of a batch, channels and frames are counted together as `index`, in this order; strides and
// positions are in elements.

#ifdef HALF
#include <cuda_fp16.h>
#endif

typedef long long integer;

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
    RESULT* values, const REAL* real, const REAL* imag, integer part_stride, integer n_bins, integer n_fft, REAL floor,
    integer first, integer last, integer n_channels, integer n_frames, integer batch_stride, integer channel_stride,
    integer frame_stride, integer bin_stride) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y, index = first + row;
    if (index >= last) return;
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
