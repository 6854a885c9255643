namespace SlabGen.Memory;

/// <summary>An error that tells others of itself before it is thrown.</summary>
internal interface ITelling
{
    /// <summary>Tells them, once. The caller holds no lock.</summary>
    /// <param name="later">Keeps what they throw, if given.</param>
    void Tell(PendingErrors? later);
}
