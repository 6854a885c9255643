namespace SlabGen.Generators;

/// <summary>What is known at one point of a method: the value of each variable, and the flags of each object.</summary>
/// <remarks>
/// A value is <see cref="Unknown"/>, <see cref="Null"/> or the number of an object. An object stands for the result of
/// the last execution of one operation (the recency abstraction of Balakrishnan and Reps, SAS 2006). When the operation
/// is executed again, variables that still hold its former object are forgotten. So one number never means two objects,
/// and statements about it are certain.
/// </remarks>
internal sealed class FlowState
{
    public const int Unknown = -1;
    public const int Null = 0;

    /// <summary>
    /// The first number of variables that have a value before the method assigns one: parameters and fields.
    /// </summary>
    public const int FirstGiven = 1 << 20;

    /// <summary>The first number of fields, which other code may change.</summary>
    public const int FirstField = 1 << 24;

    private readonly Dictionary<int, int> _values;
    private readonly Dictionary<int, ObjectFlags> _objects;

    public FlowState()
    {
        _values = [];
        _objects = [];
    }

    private FlowState(FlowState other)
    {
        _values = new Dictionary<int, int>(other._values);
        _objects = new Dictionary<int, ObjectFlags>(other._objects);
    }

    public IEnumerable<int> Objects => _objects.Keys;

    public FlowState Clone() => new(this);

    /// <summary>The variable's value. It is unknown if no assignment was seen.</summary>
    public int Read(int variable) => _values.TryGetValue(variable, out int value) ? value : Unknown;

    public void Assign(int variable, int value) => _values[variable] = value;

    public void Forget(int variable) => _values.Remove(variable);

    public void ForgetAll() => _values.Clear();

    /// <summary>Called when other code was run, which may have assigned to any field.</summary>
    public void ForgetFields()
    {
        foreach (int field in _values.Keys.Where(static variable => variable >= FirstField).ToArray())
        {
            _values[field] = Unknown;
        }
    }

    public bool IsHeld(int obj) => _values.ContainsValue(obj);

    public ObjectFlags this[int obj]
    {
        get => _objects.TryGetValue(obj, out ObjectFlags flags) ? flags : ObjectFlags.Unallocated;
        set => _objects[obj] = value;
    }

    /// <summary>
    /// Called when the operation behind the object was executed. The object is another one from now on.
    /// </summary>
    public void Renew(int obj, ObjectFlags flags)
    {
        foreach (int variable in _values.Where(pair => pair.Value == obj).Select(static pair => pair.Key).ToArray())
        {
            _values[variable] = Unknown;
        }

        _objects[obj] = flags;
    }

    public void Share(int value)
    {
        if (value > Null)
        {
            this[value] |= ObjectFlags.Shared;
        }
    }

    /// <summary>Merges what is known on another path to the same point.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Join(FlowState other)
    {
        bool changed = false;
        foreach (int obj in _objects.Keys.Concat(other._objects.Keys).Distinct().ToArray())
        {
            changed |= Add(obj, other[obj]);
        }

        foreach (KeyValuePair<int, int> pair in other._values)
        {
            if (!_values.TryGetValue(pair.Key, out int mine))
            {
                // It was not assigned on one of the paths. The compiler makes sure that it is then not read, unless it
                // had a value before.
                _values[pair.Key] = MayBeGiven(pair) ? Unknown : pair.Value;
                changed = true;
            }
            else if (mine != pair.Value)
            {
                // The variable may hold either object.
                changed |= mine > Null && Add(mine, ObjectFlags.Shared);
                changed |= pair.Value > Null && Add(pair.Value, ObjectFlags.Shared);
                changed |= mine != Unknown;
                _values[pair.Key] = Unknown;
            }
        }

        foreach (KeyValuePair<int, int> pair in _values.Where(MayBeGiven).ToArray())
        {
            if (!other._values.ContainsKey(pair.Key))
            {
                _values[pair.Key] = Unknown;
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>
    /// Whether a variable is null on one path, and has its initial value on another. For an object, its flags record
    /// that: it was not reached there.
    /// </summary>
    private static bool MayBeGiven(KeyValuePair<int, int> pair) => pair.Key >= FirstGiven && pair.Value == Null;

    private bool Add(int obj, ObjectFlags flags)
    {
        ObjectFlags before = this[obj];
        this[obj] = before | flags;
        return (before | flags) != before || !_objects.ContainsKey(obj);
    }
}
