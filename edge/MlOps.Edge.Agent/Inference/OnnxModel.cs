using Microsoft.ML.OnnxRuntime;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Agent.Inference;

/// <summary>The model could not be loaded, or did not answer.</summary>
internal sealed class InferenceException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// One model version in memory: a session of one thread whose input and outputs are bound once to pinned arrays, so that
/// a prediction allocates nothing. One caller at a time. Made only of files that were verified.
/// </summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly List<OrtValue> _values = [];

    /// <exception cref="InferenceException">ONNX Runtime does not take the file.</exception>
    public OnnxModel(ModelManifest manifest, byte[] file, SketchSpec? sketch)
    {
        OrtTelemetry.SwitchOff();
        Manifest = manifest;
        Sketch = sketch;
        Input = new float[manifest.Window * manifest.Channels.Count];
        try
        {
            using var options = SingleThreaded();
            _session = new InferenceSession(file, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InferenceException($"ONNX Runtime does not load it: {e.Message}", e);
        }

        try
        {
            _binding = _session.CreateIoBinding();
            _binding.BindInput(manifest.Input.Name, Pin(Input, [1, manifest.Window, manifest.Channels.Count]));
            Outputs = [.. manifest.Outputs.Select(output =>
            {
                var values = new float[output.Shape.Aggregate(1, (size, dimension) => size * Math.Max(dimension, 1))];
                _binding.BindOutput(output.Name, Pin(values, [.. output.Shape.Select(d => (long)Math.Max(d, 1))]));
                return new ModelOutput(output.Name, values);
            })];
        }
        catch (OnnxRuntimeException e)
        {
            Dispose();
            throw new InferenceException($"its inputs and outputs cannot be bound: {e.Message}", e);
        }
    }

    public ModelManifest Manifest { get; }

    /// <summary>What to count the frames against; null: nothing.</summary>
    public SketchSpec? Sketch { get; }

    /// <summary>The window to judge, row-major [T, C]: write it, then <see cref="Run"/>.</summary>
    public float[] Input { get; }

    /// <summary>What the last <see cref="Run"/> said, in the manifest's order.</summary>
    public IReadOnlyList<ModelOutput> Outputs { get; } = [];

    /// <exception cref="InferenceException">The model failed on this window.</exception>
    public void Run()
    {
        try
        {
            _session.RunWithBinding(_run, _binding);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InferenceException(e.Message, e);
        }
    }

    public void Dispose()
    {
        _binding?.Dispose();
        _values.ForEach(value => value.Dispose());
        _run.Dispose();
        _session.Dispose();
    }

    private OrtValue Pin(float[] values, long[] shape)
    {
        var value = OrtValue.CreateTensorValueFromMemory(values, shape);
        _values.Add(value);
        return value;
    }

    // A device has other things to do than spin, and a window is small: one thread, no arena, no patterns kept.
    private static SessionOptions SingleThreaded()
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableCpuMemArena = false,
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        return options;
    }
}

/// <param name="Values">One value for <c>[batch, 1]</c>, one per class for <c>[batch, classes]</c>; overwritten by the next run.</param>
internal sealed record ModelOutput(string Name, float[] Values);
