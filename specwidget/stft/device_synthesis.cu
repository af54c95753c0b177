// What of overlap-add a CUDA device computes beside the FFT, in one launch each.
//
// VALUE is the type of the spectra, REAL that of the computation, given as macros. A complex number is two of them, real
// part first. Items of a batch, channels and frames are counted together as `index`, in this order; strides and positions
// are in elements.

#ifdef HALF
#include <cuda_fp16.h>
#endif

typedef long long integer;

// Write the complex spectra of frames `first` to `last - 1`, times `scale`, and zeros for rows after them. The imaginary
// parts of `values` are `imag_offset` after the real parts. `marks` becomes NaN for frames with a value that is not finite.
extern "C" __global__ void read_spectra(
    REAL* spectra, REAL* marks, const VALUE* values, REAL scale, integer imag_offset, integer n_rows, integer n_bins,
    integer first, integer last, integer n_channels, integer n_frames, integer batch_stride, integer channel_stride,
    integer frame_stride, integer bin_stride) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y, index = first + row;
    if (row >= n_rows) return;
    const integer signal = index / n_frames;
    const VALUE* frame = values + signal / n_channels * batch_stride + signal % n_channels * channel_stride +
                         index % n_frames * frame_stride;
    for (integer k = threadIdx.x; k < n_bins; k += blockDim.x) {
        const REAL real = index < last ? (REAL)frame[k * bin_stride] : 0;
        const REAL imag = index < last ? (REAL)frame[k * bin_stride + imag_offset] : 0;
        spectra[2 * (row * n_bins + k)] = scale * real;
        spectra[2 * (row * n_bins + k) + 1] = scale * imag;
        // Every thread that writes here writes the same.
        if (!isfinite(real) || !isfinite(imag)) marks[row] = (REAL)nan("");
    }
}

// Add frames `first` to `last - 1`, rows of `frames` with `width` values, to the samples under them; the window, by which
// they are multiplied, and the marks, which are added, may be missing (null). Samples before frame 0, at negative
// positions, and those from `n_samples` on are left out; the first and last ones are multiplied by `head` and `tail`.
//
// A segment is the `step` samples from the start of a frame; behind the last frame there are as many as it reaches into.
// Segments are counted over all channels, from `first_segment` on. Earlier frames are added first, so that the bits do
// not depend on the frames of a block.
extern "C" __global__ void add_frames(
    REAL* samples, const REAL* frames, const REAL* window, const REAL* marks, const REAL* head, const REAL* tail,
    integer n_head, integer n_tail, integer n_segments, integer width, integer first_segment, integer first,
    integer last, integer n_channels, integer n_frames, integer n_samples, integer frame_length, integer step,
    integer left, integer batch_stride, integer channel_stride, integer sample_stride) {
    const integer row = (integer)blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= n_segments) return;
    const integer n_overlaps = (frame_length + step - 1) / step, n_in_channel = n_frames + n_overlaps - 1;
    const integer signal = (first_segment + row) / n_in_channel, segment = (first_segment + row) % n_in_channel;
    const integer extent = (n_frames - 1) * step + frame_length;
    REAL* channel = samples + signal / n_channels * batch_stride + signal % n_channels * channel_stride;
    for (integer n = threadIdx.x; n < step; n += blockDim.x) {
        const integer position = segment * step + n, sample = position - left;
        if (sample < 0 || sample >= n_samples || position >= extent) continue;
        const REAL factor = position < n_head             ? head[position]
                            : position >= extent - n_tail ? tail[position - (extent - n_tail)]
                                                          : (REAL)1;
        REAL sum = channel[sample * sample_stride];
        for (integer overlap = n_overlaps - 1; overlap >= 0; --overlap) {
            const integer frame = segment - overlap, index = signal * n_frames + frame, m = overlap * step + n;
            if (frame < 0 || frame >= n_frames || index < first || index >= last || m >= frame_length) continue;
            REAL value = frames[(index - first) * width + m];
            if (window) value *= window[m];
            if (marks) value += marks[index - first];
            sum += value * factor;
        }
        channel[sample * sample_stride] = sum;
    }
}
