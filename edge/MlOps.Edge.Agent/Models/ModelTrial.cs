using System.Globalization;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Models;

/// <summary>Loads a verified model and lets it prove itself: golden answers within tolerance, latency and memory within budget.</summary>
internal sealed class ModelTrial(ModelOptions options, TimeProvider clock)
{
    private const int Rounds = 5;
    private const int RunsPerRound = 21;

    // A measurement beside another measures both; a process may host many agents.
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <returns>The model, loaded and proved.</returns>
    /// <exception cref="ModelRefusedException">It failed; nothing of it stays in memory.</exception>
    public async Task<OnnxModel> RunAsync(VerifiedModel verified, CancellationToken cancellationToken)
    {
        await OneAtATime.WaitAsync(cancellationToken);
        OnnxModel? model = null;
        try
        {
            var before = Environment.WorkingSet;
            model = Load(verified);
            Golden(model);
            Memory(Environment.WorkingSet - before, model.Manifest.Budget);
            Latency(model);
            return model;
        }
        catch (Exception e)
        {
            model?.Dispose();
            throw e is InferenceException ? ModelRefusedException.Failed(e.Message, e) : e;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <exception cref="ModelRefusedException">ONNX Runtime does not take it.</exception>
    public static OnnxModel Load(VerifiedModel verified)
    {
        try
        {
            return new(verified.Manifest, verified.File, verified.Sketch);
        }
        catch (InferenceException e)
        {
            throw ModelRefusedException.Failed(e.Message, e);
        }
    }

    private static void Golden(OnnxModel model)
    {
        var manifest = model.Manifest;
        for (var i = 0; i < manifest.Golden.Count; i++)
        {
            Window(manifest.Golden[i], model.Input);
            model.Run();
            foreach (var output in model.Outputs)
            {
                var expected = manifest.Golden[i].Outputs[output.Name];
                for (var k = 0; k < output.Values.Length; k++)
                {
                    // Written so that NaN fails, on either side.
                    if (!(Math.Abs(output.Values[k] - expected[k]) <= manifest.GoldenTolerance))
                    {
                        throw ModelRefusedException.Failed(string.Create(CultureInfo.InvariantCulture,
                            $"golden vector {i}: '{output.Name}' is {output.Values[k]} here and {expected[k]} in the manifest (tolerance {manifest.GoldenTolerance})"));
                    }
                }
            }
        }
    }

    private void Memory(long grown, ModelBudget budget)
    {
        if (grown > budget.MemoryBytes + options.MemorySlack)
        {
            throw ModelRefusedException.Failed($"loading it took {grown} bytes; its budget is {budget.MemoryBytes} and the slack {options.MemorySlack}");
        }
    }

    // The best of a few medians: other work on the machine only ever adds.
    private void Latency(OnnxModel model)
    {
        var allowed = model.Manifest.Budget.LatencyMs * options.LatencySlack;
        var best = double.PositiveInfinity;
        var times = new double[RunsPerRound];
        for (var round = 0; round < Rounds && best > allowed; round++)
        {
            for (var run = 0; run < RunsPerRound; run++)
            {
                Window(model.Manifest.Golden[run % model.Manifest.Golden.Count], model.Input);
                var start = clock.GetTimestamp();
                model.Run();
                times[run] = clock.GetElapsedTime(start).TotalMilliseconds;
            }

            Array.Sort(times);
            best = Math.Min(best, times[RunsPerRound / 2]);
        }

        if (best > allowed)
        {
            throw ModelRefusedException.Failed(string.Create(CultureInfo.InvariantCulture,
                $"a window takes {best:0.###} ms (median); its budget is {model.Manifest.Budget.LatencyMs} ms, with slack {allowed:0.###}"));
        }
    }

    private static void Window(GoldenVector golden, float[] to) => FloatBytes.Decode(Convert.FromBase64String(golden.Window)).CopyTo(to, 0);
}
