namespace SlabGen.Stress;

/// <summary>Something is not as it must be.</summary>
internal sealed class StressException(string message) : Exception(message);

/// <summary>What users' code of the stress throws on purpose: a shrinker, a constructor, a destructor, a move or a limit warning.</summary>
internal sealed class PlannedException(string where) : Exception($"planned, in a {where}")
{
    public string Where => where;
}
