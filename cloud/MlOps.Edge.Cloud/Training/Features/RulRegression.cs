using MlOps.Edge.Cloud.Training.Windows;

namespace MlOps.Edge.Cloud.Training.Features;

/// <summary>The sums that relate the z-scores of single frames to RUL: enough for correlations and for a ridge regression.</summary>
internal sealed class RulRegression
{
    private const double Penalty = 1e-3;

    private readonly int _size;
    private readonly double[] _products;
    private readonly double[] _withTarget;
    private readonly double[] _sums;
    private long _frames;
    private double _targets;
    private double _targetSquares;

    private RulRegression(int size)
    {
        _size = size;
        _products = new double[size * size];
        _withTarget = new double[size];
        _sums = new double[size];
    }

    public static RulRegression Over(Normalisation normalisation, IReadOnlyList<UnitHistory> units, double cap)
    {
        var sums = new RulRegression(normalisation.Channels.Count);
        var z = new double[sums._size];
        foreach (UnitHistory unit in units)
        {
            for (int frame = 0; frame < unit.Frames; frame++)
            {
                double target = RulTarget.At(unit, frame, cap);
                if (!double.IsNaN(target))
                {
                    normalisation.Apply(unit.Row(frame), z);
                    sums.Include(z, target);
                }
            }
        }

        return sums;
    }

    /// <summary>Pearson's correlation of one channel's z-score with RUL; 0 where either stands still.</summary>
    public double Correlation(int channel)
    {
        double variance = Covariance(channel, channel), target = (_targetSquares / _frames) - Square(_targets / _frames);
        return variance > 0 && target > 0 ? WithTarget(channel) / Math.Sqrt(variance * target) : 0;
    }

    /// <summary>The ridge weights of the chosen channels, scaled so that their sum over z-scores has unit variance.</summary>
    public double[] Ridge(IReadOnlyList<int> chosen)
    {
        int n = chosen.Count;
        var matrix = new double[n, n];
        var weights = new double[n];
        for (int i = 0; i < n; i++)
        {
            weights[i] = WithTarget(chosen[i]);
            for (int j = 0; j < n; j++)
            {
                matrix[i, j] = Covariance(chosen[i], chosen[j]) + (i == j ? Penalty : 0);
            }
        }

        CholeskySolve(matrix, weights);
        double variance = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                variance += weights[i] * weights[j] * Covariance(chosen[i], chosen[j]);
            }
        }

        double scale = variance > 0 ? 1 / Math.Sqrt(variance) : 0;
        return [.. weights.Select(weight => weight * scale)];
    }

    private void Include(double[] z, double target)
    {
        _frames++;
        _targets += target;
        _targetSquares += target * target;
        for (int i = 0; i < _size; i++)
        {
            _sums[i] += z[i];
            _withTarget[i] += z[i] * target;
            for (int j = 0; j <= i; j++)
            {
                _products[(i * _size) + j] += z[i] * z[j];
            }
        }
    }

    private double Covariance(int a, int b) =>
        (_products[(Math.Max(a, b) * _size) + Math.Min(a, b)] / _frames) - (_sums[a] / _frames * (_sums[b] / _frames));

    private double WithTarget(int channel) => (_withTarget[channel] / _frames) - (_sums[channel] / _frames * (_targets / _frames));

    private static double Square(double value) => value * value;

    /// <summary>Solves A·x = b in place for a symmetric positive definite A, which the ridge penalty makes it.</summary>
    private static void CholeskySolve(double[,] a, double[] b)
    {
        int n = b.Length;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = a[i, j];
                for (int k = 0; k < j; k++)
                {
                    sum -= a[i, k] * a[j, k];
                }

                a[i, j] = i == j ? Math.Sqrt(sum) : sum / a[j, j];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++)
            {
                b[i] -= a[i, k] * b[k];
            }

            b[i] /= a[i, i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
            {
                b[i] -= a[k, i] * b[k];
            }

            b[i] /= a[i, i];
        }
    }
}
