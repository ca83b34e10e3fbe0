namespace MlOps.Edge.Agent.Outbox.Room;

/// <summary>What is left of the frames of one minute: for each channel the least, the greatest, the sum and the count of the values present.</summary>
internal sealed class MinuteRow(int channels)
{
    private readonly float[] _least = Filled(channels);
    private readonly float[] _greatest = Filled(channels);
    private readonly double[] _sum = new double[channels];
    private readonly int[] _present = new int[channels];

    public int Frames { get; private set; }

    /// <summary>NaN where no value is present.</summary>
    public float Least(int channel) => _least[channel];

    public float Greatest(int channel) => _greatest[channel];

    /// <summary>Of the values present, summed in float64.</summary>
    public float Mean(int channel) => _present[channel] == 0 ? float.NaN : (float)(_sum[channel] / _present[channel]);

    public float Present(int channel) => _present[channel];

    /// <param name="columns"><c>[C][frames]</c></param>
    public void Add(float[][] columns, int frame)
    {
        Frames++;
        for (var c = 0; c < columns.Length; c++)
        {
            var value = columns[c][frame];
            if (!float.IsNaN(value))
            {
                _least[c] = _present[c] == 0 || value < _least[c] ? value : _least[c];
                _greatest[c] = _present[c] == 0 || value > _greatest[c] ? value : _greatest[c];
                _sum[c] += value;
                _present[c]++;
            }
        }
    }

    private static float[] Filled(int channels)
    {
        var values = new float[channels];
        Array.Fill(values, float.NaN);
        return values;
    }
}
